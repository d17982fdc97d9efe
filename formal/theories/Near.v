(** * Neighbourhoods and flows

    - [lie_ge_near]: for polynomial activations and named functions a lower bound for the dimension of Lie(V) at a point holds at all points near it
      (the fields of Lie(V) are given by expressions and continuous, independent values stay independent).
    - [law_along_flow]: a law on L is constant along every gradient flow (all losses, all finite data sets) that stays in L. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Classical.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP Upper.
Import ListNotations.
Local Open Scope R_scope.

(** all points whose parameters differ by less than some eps *)
Definition near (u0 : vec) (P : vec -> Prop) : Prop := exists eps, 0 < eps /\ forall u, (forall i, Rabs (u i - u0 i) < eps) -> P u.
Global Instance near_filter u0 : Filter (near u0).
Proof.
  split.
  - exists 1. split; [lra|easy].
  - intros P Q (a & Ha & HP) (b & Hb & HQ). exists (Rmin a b). split; [now apply Rmin_pos|]. intros u Hu.
    split; [apply HP|apply HQ]; intros i; specialize (Hu i); [assert (X := Rmin_l a b)|assert (X := Rmin_r a b)]; lra.
  - intros P Q H (a & Ha & HP). exists a. split; [easy|]. auto.
Qed.
Definition cont (u0 : vec) (f : vec -> R) : Prop := filterlim f (near u0) (locally (f u0)).
Lemma cont_coord u0 i : cont u0 (fun u => u i).
Proof.
  intros P (eps & H). exists eps. split; [apply cond_pos|]. intros u Hu. apply H. exact (Hu i).
Qed.
Lemma cont_const u0 c : cont u0 (fun _ => c).
Proof. apply filterlim_const. Qed.
Lemma cont_plus u0 f g : cont u0 f -> cont u0 g -> cont u0 (fun u => f u + g u).
Proof. intros Hf Hg. apply (filterlim_comp_2 f g Rplus Hf Hg). apply (@filterlim_plus R_AbsRing R_NormedModule). Qed.
Lemma cont_mult u0 f g : cont u0 f -> cont u0 g -> cont u0 (fun u => f u * g u).
Proof. intros Hf Hg. apply (filterlim_comp_2 f g Rmult Hf Hg). apply (@filterlim_mult R_AbsRing). Qed.
Lemma cont_ext u0 f g : (forall u, f u = g u) -> cont u0 f -> cont u0 g.
Proof. intros E H. unfold cont. rewrite <- E. now apply (filterlim_ext f). Qed.
Lemma cont_inv u0 f : cont u0 f -> f u0 <> 0 -> cont u0 (fun u => / f u).
Proof. intros Hf Nz. apply (filterlim_comp _ _ _ f Rinv _ (locally (f u0))); [exact Hf|]. now apply continuous_Rinv. Qed.
Lemma cont_rev u0 q : cont u0 (fun u => rev u q).
Proof.
  unfold rev. induction q as [c|i|a IHa b IHb|a IHa b IHb|a IHa|f n a IHa]; cbn.
  - apply cont_const.
  - apply cont_coord.
  - now apply cont_plus.
  - now apply cont_mult.
  - apply (cont_ext u0 (fun u => (-1) * ev opsR u a)); [intros; ring|]. apply cont_mult; [apply cont_const|exact IHa].
  - apply (filterlim_comp _ _ _ (fun u => ev opsR u a) (jetR f n) _ (locally (ev opsR u0 a))); [exact IHa|].
    apply (@ex_derive_continuous R_AbsRing R_NormedModule). eexists. apply jet_derive.
Qed.
Lemma cont_neq u0 f : cont u0 f -> f u0 <> 0 -> near u0 (fun u => f u <> 0).
Proof. intros Hf Nz. apply (Hf (fun y => y <> 0)). now apply open_neq. Qed.

Lemma lindep_head J (w : vec) ws : Rlindep J (w :: ws) -> exists c, In c J /\ w c <> 0.
Proof.
  intros H. apply NNPP. intros N.
  assert (K : List.Forall (fun g => g = 0) (1 :: map (fun _ => 0) ws)).
  { apply H; [cbn; now rewrite map_length|]. intros i Hi. cbn [lcomb].
    assert (Z : w i = 0) by (apply NNPP; intros X; apply N; now exists i). rewrite Z.
    rewrite (lcomb_zero R 0 1 Rplus Rmult Rminus Ropp R_ring); [ring|]. apply List.Forall_forall. intros x Hx. apply in_map_iff in Hx as (y & <- & _).
      reflexivity. }
  inversion K. now apply R1_neq_R0.
Qed.
Lemma lindep_reduce J (w : vec) c ws : w c <> 0 -> Rlindep J (w :: ws) -> Rlindep J (map (fun (v : vec) (k : positive) => v k - v c * / w c * w k) ws).
Proof.
  intros Hw H gs L C. rewrite map_length in L.
  assert (E : forall k, Rlcomb gs (map (fun (v : vec) (k : positive) => v k - v c * / w c * w k) ws) k = Rlcomb gs ws k - Rlcomb gs ws c * / w c * w k).
  { intros k. unfold Rlcomb. clear. revert gs; induction ws as [|v ws IH]; intros [|g gs]; cbn; try ring. rewrite IH. ring. }
  assert (K : List.Forall (fun g => g = 0) (- (Rlcomb gs ws c * / w c) :: gs)).
  { apply H; [cbn; now rewrite L|]. intros i Hi. specialize (C i Hi). unfold Rlcomb in *. rewrite E in C. cbn [lcomb]. lra. }
  now inversion K.
Qed.
Theorem lindep_near J u0 : forall fs : list (vec -> vec), (forall f i, In f fs -> In i J -> cont u0 (fun u => f u i)) ->
  Rlindep J (map (fun f => f u0) fs) -> near u0 (fun u => Rlindep J (map (fun f => f u) fs)).
Proof.
  intros fs. remember (length fs) as n eqn:E. revert fs E. induction n as [|n IH]; intros [|f fs] E HC HI; try easy.
  - exists 1. split; [lra|]. intros u _ [|] L _; [constructor|easy].
  - cbn [map] in HI. destruct (lindep_head J _ _ HI) as (c & Hc & Nz).
    assert (HR := lindep_reduce J (f u0) c _ Nz HI). rewrite map_map in HR.
    set (gs := map (fun (g : vec -> vec) (u : vec) (k : positive) => g u k - g u c * / f u c * f u k) fs).
    assert (N1 : near u0 (fun u => Rlindep J (map (fun g => g u) gs))).
    { apply IH.
      - unfold gs. rewrite map_length. cbn in E. now injection E as E.
      - intros g i Hg Hi. unfold gs in Hg. apply in_map_iff in Hg as (g0 & <- & Hg0).
        assert (Cf : forall j, In j J -> cont u0 (fun u => f u j)) by (intros; apply HC; simpl; auto).
        assert (Cg : forall j, In j J -> cont u0 (fun u => g0 u j)) by (intros; apply HC; simpl; auto).
        apply (cont_ext u0 (fun u => g0 u i + (-1) * ((g0 u c * / f u c) * f u i))); [intros; ring|].
        apply cont_plus; [auto|]. apply cont_mult; [apply cont_const|]. apply cont_mult; [|auto]. apply cont_mult; [auto|]. apply cont_inv; auto.
      - unfold gs. rewrite map_map. exact HR. }
    assert (N2 : near u0 (fun u => f u c <> 0)) by (apply (cont_neq u0 (fun u => f u c)); [apply HC; simpl; auto|exact Nz]).
    apply (filter_imp (fun u => Rlindep J (map (fun g => g u) gs) /\ f u c <> 0)); [|now apply filter_and].
    intros u [H1 H2]. cbn [map]. apply (lindep_elim J (f u) c); auto. unfold gs in H1. rewrite map_map in H1. rewrite map_map. exact H1.
Qed.

(** ** With known activations every field of Lie(V) is given by expressions *)
Fixpoint members_in (mem : member) (e : expr) : Prop :=
  match e with
  | EAdd a b | EMul a b => members_in mem a /\ members_in mem b
  | EAct k a => (exists c, assoc k mem = Some c) /\ members_in mem a
  | _ => True
  end.
Lemma members_unroll m mem : wf_model m = true -> forallb (has_member mem) (m_prog m) = true ->
  forall o, (o < advance 1 (m_prog m))%positive -> members_in mem (out m o).
Proof.
  intros W HM. assert (W1 := wf1 m W). assert (C := covers_unroll _ W1). unfold out. set (E := unroll (m_prog m)) in *.
  assert (G : forall p next, wf_from next p = true -> covers E next p -> forallb (has_member mem) p = true ->
     (forall n, (n < next)%positive -> members_in mem (E n)) -> forall n, (n < advance next p)%positive -> members_in mem (E n)).
  { induction p as [|nd p IH]; intros next Wp Cp Rp H0; [exact H0|].
    cbn [wf_from covers forallb advance] in *. apply andb_prop in Wp as [Wa Wb]. apply andb_prop in Rp as [Ra Rb]. destruct Cp as [Ca Cb].
    apply IH; auto. intros n Hn. destruct (Pos.eq_dec n next) as [->|D]; [|apply H0; lia].
    rewrite Ca. assert (RL := refs_lt next nd Wa).
    destruct nd as [q|i|j|l|a b|k a]; cbn [expr_of members_in refs has_member] in *; auto.
    - clear Ca Wa. induction l; simpl; auto. split; [apply H0, RL; simpl; auto|]. apply IHl; auto. intros; apply RL; simpl; auto.
    - split; apply H0, RL; simpl; auto.
    - split; [|apply H0, RL; simpl; auto]. destruct (assoc k mem) as [cs|]; [now exists cs|easy]. }
  apply (G (m_prog m) 1%positive W1 C HM). intros n Hn; lia.
Qed.
Definition polynomial (f : vec -> R) : Prop := exists q, forall u, f u = rev u q.
Lemma poly_const c : polynomial (fun _ => c).
Proof. exists (PC c). reflexivity. Qed.
Lemma poly_plus f g : polynomial f -> polynomial g -> polynomial (fun u => f u + g u).
Proof. intros (p & Hp) (q & Hq). exists (PA p q). intros u. rewrite Hp, Hq. reflexivity. Qed.
Lemma poly_mult f g : polynomial f -> polynomial g -> polynomial (fun u => f u * g u).
Proof. intros (p & Hp) (q & Hq). exists (PP p q). intros u. rewrite Hp, Hq. reflexivity. Qed.
Lemma poly_ext f g : (forall u, f u = g u) -> polynomial f -> polynomial g.
Proof. intros E (q & Hq). exists q. intros u. now rewrite <- E. Qed.
Lemma poly_horner cs f : polynomial f -> polynomial (fun u => horner opsR cs (f u)).
Proof. intros H. induction cs as [|c cs IH]; cbn; [apply poly_const|]. apply poly_plus; [apply poly_const|]. now apply poly_mult. Qed.
Lemma poly_known c d f : polynomial f -> polynomial (fun u => known_fun c d (f u)).
Proof. intros H. destruct c as [cs|g]; [now apply poly_horner|]. destruct H as (q & Hq). exists (PF g (if d then 1 else 0) q). intros u. cbn. now rewrite Hq. Qed.
Lemma poly_lsum {B} (f : B -> vec -> R) l : (forall b, In b l -> polynomial (f b)) -> polynomial (fun u => lsum (map (fun b => f b u) l)).
Proof.
  induction l as [|b l IH]; intros H; [exact (poly_const 0)|]. unfold lsum in *; cbn. apply poly_plus; [apply H; simpl; auto|].
  apply IH. intros; apply H; simpl; auto.
Qed.

Section Poly.
Variables (m : model) (s : positive -> bool -> R -> R) (mem : member).
Hypothesis Hd : act_derivable s.
Hypothesis Hm : poly_acts s mem.
Hypothesis W : wf_model m = true.
Hypothesis HM : forallb (has_member mem) (m_prog m) = true.
Lemma poly_eval x e : members_in mem e -> polynomial (fun u => evalE s u x e).
Proof.
  induction e as [q|i|j|a IHa b IHb|a IHa b IHb|k a IHa]; cbn; intros H.
  - apply poly_const.
  - exists (PV i). reflexivity.
  - apply poly_const.
  - now apply poly_plus; [apply IHa|apply IHb].
  - now apply poly_mult; [apply IHa|apply IHb].
  - destruct H as [(c & E) H]. apply (poly_ext (fun u => known_fun c false (evalE s u x a))); [intros; symmetry; now apply Hm|]. apply poly_known.
    auto.
Qed.
Lemma poly_tan x v e : members_in mem e -> polynomial (fun u => tanE s u x v e).
Proof.
  induction e as [q|i|j|a IHa b IHb|a IHa b IHb|k a IHa]; cbn; intros H; try apply poly_const.
  - now apply poly_plus; [apply IHa|apply IHb].
  - destruct H. apply poly_plus; apply poly_mult; auto using poly_eval.
  - destruct H as [(c & E) H]. apply poly_mult; [|auto].
    apply (poly_ext (fun u => known_fun c true (evalE s u x a))); [intros; symmetry; now apply (poly_acts_derive s mem)|].
      apply poly_known, poly_eval, H.
Qed.
Theorem lie_polynomial V : lie m s V -> forall i, (i <= m_nparams m)%positive -> polynomial (fun u => V u i).
Proof.
  induction 1 as [o x Ho|a b V1 V2 _ IH1 _ IH2|V1 V2 _ IH1 _ IH2 S1 S2|V1 V2 E _ IH]; intros i Hi.
  - apply (poly_ext (fun u => tanE s u x (ebasis i) (out m o))); [intros; unfold grad; now rewrite partial_tan|].
    apply poly_tan, (members_unroll m mem W HM), (wf_out m W), Ho.
  - apply poly_plus; apply poly_mult; auto using poly_const.
  - unfold bracket. apply (poly_lsum (fun j u => V1 u j * partial (fun t => V2 t i) j u - V2 u j * partial (fun t => V1 t i) j u)). intros j Hj.
    apply plist_in in Hj.
    destruct (IH1 i Hi) as (q1 & E1). destruct (IH2 i Hi) as (q2 & E2).
    assert (P1 : polynomial (fun u => partial (fun t => V1 t i) j u)).
    { exists (pd j q1). intros u. rewrite <- partial_pd. apply Derive_ext. intros; apply E1. }
    assert (P2 : polynomial (fun u => partial (fun t => V2 t i) j u)).
    { exists (pd j q2). intros u. rewrite <- partial_pd. apply Derive_ext. intros; apply E2. }
    apply (poly_ext (fun u => V1 u j * partial (fun t => V2 t i) j u + (-1) * (V2 u j * partial (fun t => V1 t i) j u))); [intros; ring|].
    apply poly_plus; [now apply poly_mult; [apply IH1|]|]. apply poly_mult; [apply poly_const|]. now apply poly_mult; [apply IH2|].
  - destruct (IH i Hi) as (q & Hq). exists q. intros u. rewrite <- E by exact Hi. apply Hq.
Qed.
Theorem lie_ge_near u0 r : lie_ge m s u0 r -> near u0 (fun u => lie_ge m s u r).
Proof.
  intros (Fs & L & HF & HI).
  apply (filter_imp (fun u => Rlindep (plist (m_nparams m)) (map (fun V : field => V u) Fs))); [intros u Hu; now exists Fs|].
  apply lindep_near; [|exact HI]. intros V i HV Hi. apply plist_in in Hi. destruct (lie_polynomial V (HF V HV) i Hi) as (q & Hq).
  apply (cont_ext u0 (fun u => rev u q)); [intros; symmetry; apply Hq|]. apply cont_rev.
Qed.
End Poly.

Theorem law_along_flow m s L h : act_derivable s -> pvars_le (m_nparams m) h = true -> conserved_on m s L h ->
  forall data T th, grad_flow m s data T th -> (forall t, 0 <= t <= T -> in_aff L (th t)) ->
  forall t, 0 <= t <= T -> peval (th t) h = peval (th 0) h.
Proof.
  intros Hd V HC data T th Hf HL. apply (constant_along m s h data T th Hd (poly_expr_params (m_nparams m) h V) Hf).
  intros t d o Ht Ho. exact (HC (th t) (HL t Ht) (s_x d) o Ho).
Qed.

(** * The Lie algebra of an array model is that of its scalar program *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Slp Checks Flow Lie Dimension Upper Near ModP Gradient Orbits.
From SimCert Require Import Syntax Printer Parser Meaning Named Scalar Proper Assumed Invariance.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Lemma rsum_plist m M g f : (0 < dimension m)%N -> M = N.succ_pos (N.pred (dimension m)) -> (forall p, (p < dimension m)%N -> g p = f (N.succ_pos p)) ->
  rsum g (upto (dimension m)) = lsum (map f (Lie.plist M)).
Proof.
  intros Hd -> H. unfold rsum, lsum, upto, Lie.plist. f_equal.
  replace (Pos.to_nat (N.succ_pos (N.pred (dimension m)))) with (N.to_nat (dimension m)) by (rewrite N.succ_pos_spec || idtac; lia).
  rewrite !map_map. apply map_ext_in. intros n Hn. apply in_seq in Hn. rewrite H by lia. f_equal. lia.
Qed.
Lemma succ_pred i : i = N.succ_pos (Pos.pred_N i).
Proof. lia. Qed.

Section Same.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)) (all : bool).
Hypothesis Hs : scalar_model all m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Let M := Checks.m_nparams sm.

Lemma nparams_ok : M = N.succ_pos (N.pred (dimension m)) /\ Pos.to_nat M = N.to_nat (dimension m).
Proof.
  unfold M. unfold scalar_model in Hs. destruct (compile m _) as [[prog o]|]; [|easy]. cbv zeta in Hs.
  match type of Hs with (if Checks.wf_model ?c then _ else _) = _ => destruct (Checks.wf_model c); [|easy] end.
  injection Hs as <- _. cbn [Checks.m_nparams]. split; [reflexivity|]. lia.
Qed.
Lemma index_le i : (i <= M)%positive <-> (Pos.pred_N i < dimension m)%N.
Proof. destruct nparams_ok as [_ H]. lia. Qed.
Lemma index_lt p : (p < dimension m)%N <-> (N.succ_pos p <= M)%positive.
Proof. destruct nparams_ok as [_ H]. lia. Qed.
Lemma sum_ok g f : (forall p, (p < dimension m)%N -> g p = f (N.succ_pos p)) -> rsum g (upto (dimension m)) = lsum (map f (Lie.plist M)).
Proof. apply rsum_plist; [exact Hdim|apply nparams_ok]. Qed.
Lemma scalar_wf : Checks.wf_model sm = true.
Proof. now destruct (scalar_model_ok _ _ _ _ _ Hs). Qed.

(** outputs, both ways *)
Definition scalar_of (k i : N) : option positive :=
  match nth_error outs (N.to_nat k) with Some ps => nth_error ps (N.to_nat i) | None => None end.
Lemma output_scalar k i : output_entry m k i -> exists o, scalar_of k i = Some o /\ In o (Checks.m_outs sm) /\ scalar_output m assumptions sm k i o.
Proof.
  intros H. destruct (scalar_model_ok _ _ _ _ _ Hs) as (_ & _ & K). destruct (K k i H) as (o & (ps & H1 & H2) & H3 & H4).
  exists o. unfold scalar_of. rewrite H1. auto.
Qed.
Lemma scalar_entry o : In o (Checks.m_outs sm) -> exists k i, output_entry m k i /\ scalar_output m assumptions sm k i o.
Proof.
  intros Ho.
  assert (X : Checks.m_outs sm = List.concat outs /\ Forall2 (fun o ps => length ps = N.to_nat (size (shape_at m o))) (m_outputs m) outs).
  { unfold scalar_model in Hs. destruct (compile m _) as [[prog o']|] eqn:Ec; [|easy]. cbv zeta in Hs.
    match type of Hs with (if Checks.wf_model ?c then _ else _) = _ => destruct (Checks.wf_model c); [|easy] end.
    injection Hs as <- <-. split; [reflexivity|]. now apply compile_lengths in Ec. }
  destruct X as [E L]. rewrite E in Ho. apply in_concat in Ho as (ps & Hps & Hin).
  apply In_nth_error in Hps as (k & Hk). apply In_nth_error in Hin as (i & Hi).
  assert (Y : exists n, nth_error (m_outputs m) k = Some n /\ length ps = N.to_nat (size (shape_at m n))).
  { clear -L Hk. revert k Hk. induction L as [|a b l l' H L IH]; intros [|k]; cbn; try easy; [|apply IH]. intros [= <-]. eauto. }
  destruct Y as (n & Hn & Hl).
  assert (O : output_entry m (N.of_nat k) (N.of_nat i)).
  { exists n. rewrite Nat2N.id. split; [exact Hn|]. assert (i < length ps)%nat by (apply nth_error_Some; congruence). lia. }
  exists (N.of_nat k), (N.of_nat i). split; [exact O|]. destruct (output_scalar _ _ O) as (o' & H1 & _ & H3).
  unfold scalar_of in H1. rewrite !Nat2N.id, Hk, Hi in H1. now injection H1 as ->.
Qed.

Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Let s := scalar_s m assumptions sigma.

Section Differentiable.
Hypothesis Hd : differentiable m sigma.
Lemma scalar_derivable : act_derivable s.
Proof.
  intros k t. unfold s, scalar_s. destruct (nth_error (m_activations m) (pred (Pos.to_nat k))) as [[f d]|] eqn:E; [|apply @is_derive_const].
  apply nth_error_In in E. cbv zeta. destruct (Slp.f_step (facts_of assumptions (f, d))) eqn:St.
  - destruct (step_ok m assumptions sigma Ha f d E St) as (p & q & _ & D & Hs' & _). exfalso. apply (kink p q D).
    apply (ex_derive_ext (sigma f)); [exact Hs'|]. now apply (Hd f d).
  - apply (scalar_d_ok m assumptions sigma Ha); [exact E|]. now apply (Hd f d).
Qed.
Lemma scalar_adm : Checks.acts_adm sm s.
Proof.
  split; [exact scalar_derivable|]. destruct (scalar_model_ok _ _ _ _ _ Hs) as (_ & -> & _). now apply scalar_par_ok.
Qed.
(** every activation that is applied is one of the model *)
Definition applied_known : bool :=
  forallb (fun n => match n with NApply _ _ f _ => existsb (fun e => text_eqb f (fst e)) (m_activations m) | _ => true end) (m_nodes m).
Lemma all_regular th x : applied_known = true -> regular m sigma th x.
Proof.
  unfold applied_known. rewrite forallb_forall. intros H k sh a f o i Hn Hi. apply nth_error_In in Hn. specialize (H _ Hn). cbv beta iota in H.
  apply existsb_exists in H as ([f' d] & I & E). apply text_eqb_ok in E. cbn [fst] in E. subst f'. now apply (Hd f d).
Qed.

Lemma bracket_same V W u i : (i <= M)%positive -> field_bracket m V W u i = Lie.bracket sm V W u i.
Proof. intros Hi. unfold field_bracket, Lie.bracket. apply sum_ok. intros p _. reflexivity. Qed.
Lemma smooth_same V : smooth_field m V <-> Lie.smooth1 sm V.
Proof.
  split.
  - intros H u i Hi. rewrite (succ_pred i) in *. set (q := Pos.pred_N i) in *. apply index_lt in Hi. destruct (H u q Hi) as [H1 H2]. split.
    + intros j Hj. rewrite (succ_pred j) in *. apply H1. now apply index_lt.
    + intros v Hv. rewrite <- (sum_ok (fun p => entry v p * partial_p (fun t => entry (V t) q) p u)) by (intros; reflexivity). apply H2. intros p Hp.
      apply Hv. destruct (index_lt p) as [_ X]. fold M. destruct (Pos.leb_spec (N.succ_pos p) M); [|assumption]. specialize (X H0). lia.
  - intros H u q Hq. apply index_lt in Hq. destruct (H u _ Hq) as [H1 H2]. split.
    + intros p Hp. apply H1. now apply index_lt.
    + intros v Hv. erewrite sum_ok; [apply H2|intros; reflexivity].
      intros k Hk. rewrite (succ_pred k) in *. apply Hv. destruct (index_lt (Pos.pred_N k)) as [X _].
      destruct (N.ltb_spec (Pos.pred_N k) (dimension m)); [|assumption].
      specialize (X H0). fold M in Hk. lia.
Qed.
Lemma generator_same x k i o : scalar_output m assumptions sm k i o -> forall u j, partial (F m sigma x k i) j u = grad s (Checks.out sm o) x u j.
Proof. intros So u j. unfold grad. apply partial_ext. intros v. apply (proj1 (So sigma Ha x)). Qed.
Theorem lie_same V : lie_algebra m sigma V <-> Lie.lie sm s V.
Proof.
  split; induction 1.
  - destruct (output_scalar k i H) as (o & _ & Ho & So).
    apply (Lie.lie_ext sm s (fun u => grad s (Checks.out sm o) x u)); [|now constructor]. intros u j _. symmetry. now apply generator_same.
  - now constructor.
  - apply (Lie.lie_ext sm s (Lie.bracket sm V W)); [intros; symmetry; now apply bracket_same|]. constructor; auto; now apply smooth_same.
  - apply (Lie.lie_ext sm s V); [|assumption]. intros u i Hi. rewrite (succ_pred i). apply H. now apply index_le.
  - destruct (scalar_entry o H) as (k & i & O & So).
    apply (lie_equal m sigma (fun u j => partial (F m sigma x k i) j u)); [|now constructor]. intros u p _. now apply generator_same.
  - now constructor.
  - apply (lie_equal m sigma (field_bracket m V W)); [intros u p Hp; unfold entry; apply bracket_same; now apply index_lt|].
    constructor; auto; now apply smooth_same.
  - apply (lie_equal m sigma V); [|assumption]. intros u p Hp. apply H. now apply index_lt.
Qed.
Lemma independent_same ws : independent m ws <-> Dimension.Rlindep (Lie.plist M) ws.
Proof.
  assert (E : forall gs ws p, rsum (fun gw => fst gw * entry (snd gw) p) (combine gs ws) = Dimension.Rlcomb gs ws (N.succ_pos p)).
  { unfold rsum, Dimension.Rlcomb. induction gs as [|g gs IH]; intros [|w ws'] p; cbn; try reflexivity. unfold entry at 1. f_equal. apply (IH ws' p). }
  split; intros H gs L C; apply H; auto.
  - intros p Hp. rewrite (E gs ws p). apply C. apply Lie.plist_in. now apply index_lt.
  - intros i Hi. apply Lie.plist_in in Hi. specialize (C (Pos.pred_N i) (proj1 (index_le i) Hi)). rewrite E, <- succ_pred in C. exact C.
Qed.
Theorem dimension_same u d : lie_dimension m sigma u d <-> Dimension.lie_dim sm s u d.
Proof.
  unfold lie_dimension, Dimension.lie_dim, Dimension.lie_ge, Dimension.lie_le.
  split; intros [(Vs & H1 & H2 & H3) H4]; (split; [exists Vs; split; [exact H1|split]|]).
  - intros V HV. now apply lie_same, H2.
  - now apply independent_same.
  - intros Fs HF HI. apply H4; [intros V HV; now apply lie_same, HF|now apply independent_same].
  - intros V HV. now apply lie_same, H2.
  - now apply independent_same.
  - intros Fs HF HI. apply H4; [intros V HV; now apply lie_same, HF|now apply independent_same].
Qed.
End Differentiable.
End Same.

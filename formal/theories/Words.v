(** * The fields of bracket words, as expressions

    Proved here:
    - [word_ev]: in every commutative ring, at every point, the evaluator gives the values of the expressions [wpe w];
    - [pfield_smooth], [pfield_bracket]: fields given by expressions are smooth, and their formal bracket is the bracket with Coquelicot's derivatives. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Export Evaluator.
From SimCert Require Import Poly Expr Slp Checks Flow Lie Jets.
Import ListNotations.
Local Open Scope R_scope.

(** ** Expressions in the parameters with real coefficients: polynomials, and derivatives of functions *)
Inductive pe := PC (c : R) | PV (i : positive) | PA (a b : pe) | PP (a b : pe) | PN (a : pe) | PF (f : fn) (n : nat) (a : pe).
Definition opsE : ops R pe := {| oz := PC 0; oadd := PA; omul := PP; oneg := PN; ocst := PC; ofun := fun f _ n a => PF f n a |}.
Fixpoint ev {A} (O : ops R A) (a : positive -> A) (q : pe) : A :=
  match q with
  | PC c => ocst O c
  | PV i => a i
  | PA x y => oadd O (ev O a x) (ev O a y)
  | PP x y => omul O (ev O a x) (ev O a y)
  | PN x => oneg O (ev O a x)
  | PF f n x => ofun O f (fun _ => 0) n (ev O a x)
  end.
Fixpoint pd (j : positive) (q : pe) : pe :=
  match q with
  | PC _ => PC 0
  | PV i => if Pos.eqb i j then PC 1 else PC 0
  | PA x y => PA (pd j x) (pd j y)
  | PP x y => PA (PP x (pd j y)) (PP (pd j x) y)
  | PN x => PN (pd j x)
  | PF f n x => PP (PF f (S n) x) (pd j x)
  end.
Lemma ev_ext {A} (O : ops R A) a b q : (forall i, a i = b i) -> ev O a q = ev O b q.
Proof. intros H; induction q; cbn; congruence. Qed.

(** a number system that is a commutative R-algebra *)
Record ring_ok {A} (O : ops R A) : Prop := {
  rk_assoc : forall a b c, oadd O a (oadd O b c) = oadd O (oadd O a b) c;
  rk_comm : forall a b, oadd O a b = oadd O b a;
  rk_0 : forall a, oadd O (oz O) a = a;
  rk_neg : forall a, oadd O a (oneg O a) = oz O;
  rk_massoc : forall a b c, omul O a (omul O b c) = omul O (omul O a b) c;
  rk_mcomm : forall a b, omul O a b = omul O b a;
  rk_1 : forall a, omul O (ocst O 1) a = a;
  rk_distr : forall a b c, omul O (oadd O a b) c = oadd O (omul O a c) (omul O b c);
  rk_c0 : ocst O 0 = oz O;
  rk_fun : forall f js js' n a, ofun O f js n a = ofun O f js' n a }.
Lemma ring_theory_of {A} (O : ops R A) : ring_ok O ->
  ring_theory (oz O) (ocst O 1) (oadd O) (omul O) (fun a b => oadd O a (oneg O b)) (oneg O) eq.
Proof. intros []. split; auto. Qed.

Section Duals.
Context {A : Type} (O : ops R A) (HO : ring_ok O).
Local Definition RTO := ring_theory_of O HO.
Add Ring ORing : RTO.
Lemma dual_ok : ring_ok (dual O).
Proof.
  split; cbn; intros; repeat match goal with x : (_ * _)%type |- _ => destruct x end; cbn; f_equal; try ring; try apply (rk_c0 O HO); try apply (rk_fun O HO).
  f_equal. apply (rk_fun O HO).
Qed.
Definition asum (l : list A) : A := fold_right (oadd O) (oz O) l.
Lemma asum_add {B} (f g : B -> A) l : asum (map (fun j => oadd O (f j) (g j)) l) = oadd O (asum (map f l)) (asum (map g l)).
Proof. induction l; cbn; [ring|]. unfold asum in *. rewrite IHl. ring. Qed.
Lemma asum_scal {B} c (f : B -> A) l : asum (map (fun j => omul O c (f j)) l) = omul O c (asum (map f l)).
Proof. induction l; cbn; [ring|]. unfold asum in *. rewrite IHl. ring. Qed.
Lemma asum_neg {B} (f : B -> A) l : asum (map (fun j => oneg O (f j)) l) = oneg O (asum (map f l)).
Proof. induction l; cbn; [ring|]. unfold asum in *. rewrite IHl. ring. Qed.
Lemma asum_ext {B} (f g : B -> A) l : (forall j, In j l -> f j = g j) -> asum (map f l) = asum (map g l).
Proof. intros H. unfold asum; induction l; cbn; [easy|]. rewrite H by (simpl; auto). rewrite IHl; [easy|]. intros; apply H; simpl; auto. Qed.
Lemma asum_zero {B} (f : B -> A) l : (forall j, In j l -> f j = oz O) -> asum (map f l) = oz O.
Proof. intros H. rewrite (asum_ext f (fun _ => oz O)) by auto. unfold asum; clear H; induction l; cbn; [easy|]. rewrite IHl. ring. Qed.
Lemma asum_delta (x : positive -> A) i l : NoDup l -> In i l -> asum (map (fun j => omul O (if Pos.eqb i j then ocst O 1 else ocst O 0) (x j)) l) = x i.
Proof.
  induction l as [|j l IH]; intros N I; [easy|]. inversion N; subst. cbn. destruct (Pos.eqb_spec i j) as [->|D].
  - assert (Z := asum_zero (fun j0 => omul O (if Pos.eqb j j0 then ocst O 1 else ocst O 0) (x j0)) l). unfold asum in Z. rewrite Z.
    + ring.
    + intros k Hk. destruct (Pos.eqb_spec j k); [congruence|]. rewrite (rk_c0 O HO). ring.
  - destruct I as [->|I]; [congruence|]. unfold asum in IH. rewrite IH by auto. rewrite (rk_c0 O HO). ring.
Qed.
Theorem ev_dual M a x q : (forall k, (M < k)%positive -> x k = oz O) ->
  ev (dual O) (fun k => (a k, x k)) q = (ev O a q, asum (map (fun j => omul O (ev O a (pd j q)) (x j)) (plist M))).
Proof.
  intros Hx. induction q; cbn [ev pd].
  - cbn. f_equal. symmetry. apply asum_zero. intros. rewrite (rk_c0 O HO). ring.
  - f_equal. symmetry. rewrite (asum_ext _ (fun j => omul O (if Pos.eqb i j then ocst O 1 else ocst O 0) (x j))) by (intros; now destruct (Pos.eqb i j)).
    destruct (Pos.leb_spec i M) as [L|L].
    + apply asum_delta; [apply plist_nodup|now apply plist_in].
    + rewrite (Hx i L). apply asum_zero. intros j Hj. apply plist_in in Hj. destruct (Pos.eqb_spec i j); [lia|]. rewrite (rk_c0 O HO). ring.
  - rewrite IHq1, IHq2. cbn. f_equal. rewrite <- asum_add. apply asum_ext. intros; ring.
  - rewrite IHq1, IHq2. cbn. f_equal. rewrite (rk_mcomm O HO _ (ev O a q2)), <- !asum_scal, <- asum_add. apply asum_ext. intros; ring.
  - rewrite IHq. cbn. f_equal. rewrite <- asum_neg. apply asum_ext. intros; ring.
  - rewrite IHq. cbn. f_equal. rewrite (rk_mcomm O HO), <- asum_scal. apply asum_ext. intros; ring.
Qed.
End Duals.

Section WordPoly.
Variables (M : positive) (p : list (gnode R)).
Definition epsum (l : list pe) : pe := fold_right PA (PC 0) l.
(** the polynomial fields of a program and of words *)
Definition gpe (F : gfield R) (i : positive) : pe := getA opsE (gradvec opsE p F (vbuild M PV)) i.
Definition bpe (X Y : positive -> pe) (i : positive) : pe :=
  epsum (map (fun j => PA (PP (X j) (pd j (Y i))) (PN (PP (Y j) (pd j (X i))))) (plist M)).
Fixpoint wpe (w : list (gfield R)) : positive -> pe :=
  match w with
  | [] => fun _ => PC 0
  | F :: w' => match w' with [] => gpe F | _ => bpe (gpe F) (wpe w') end
  end.
Lemma ev_orel {A} (O : ops R A) a : ring_ok O -> orel eq (fun _ _ _ _ => True) (fun q x => ev O a q = x) opsE O.
Proof. intros HO. split; cbn; intros; subst; auto; [apply (rk_c0 O HO)|apply (rk_fun O HO)]. Qed.
(** [at_point]: the map holds the point a for the parameters 1..M *)
Definition at_point {A} (O : ops R A) (th : PM.t A) (a : positive -> A) : Prop :=
  forall k, getA O th k = if Pos.leb k M then a k else oz O.
Lemma at_point_zip {A} (O : ops R A) th a (x : positive -> A) : at_point O th a ->
  at_point (dual O) (zip O M (getA O th) x) (fun k => (a k, if Pos.leb k M then x k else oz O)).
Proof.
  intros H k. unfold getA at 1, zip. rewrite vbuild_find. specialize (H k). destruct (Pos.leb k M); [now rewrite H|easy].
Qed.
Lemma grad_ev {A} (O : ops R A) th a F i : ring_ok O -> at_point O th a -> getA O (gradvec O p F th) i = ev O a (gpe F i).
Proof.
  intros HO Ht. symmetry. unfold gpe.
  apply (mrel_wrel eq _ _ _ _ (ev_orel O a HO)), (gradvec_rel eq _ _ _ _ (ev_orel O a HO)); auto using prel_refl, frel_refl.
  2:{ apply fits_all. auto. }
  intros k. rewrite Ht. unfold getA. rewrite vbuild_find. destruct (Pos.leb k M); [easy|]. apply (rk_c0 O HO).
Qed.
Lemma ev_bracket {A} (O : ops R A) a X Y i : ring_ok O ->
  ev O a (bpe X Y i) = oadd O (asum O (map (fun j => omul O (ev O a (pd j (Y i))) (ev O a (X j))) (plist M)))
                              (oneg O (asum O (map (fun j => omul O (ev O a (pd j (X i))) (ev O a (Y j))) (plist M)))).
Proof.
  intros HO. rewrite <- (asum_neg O HO), <- (asum_add O HO). unfold bpe. generalize (plist M). intros l.
  induction l as [|j l IH]; [apply (rk_c0 O HO)|].
  change (oadd O (oadd O (omul O (ev O a (X j)) (ev O a (pd j (Y i)))) (oneg O (omul O (ev O a (Y j)) (ev O a (pd j (X i))))))
     (ev O a (epsum (map (fun j => PA (PP (X j) (pd j (Y i))) (PN (PP (Y j) (pd j (X i))))) l))) =
    oadd O (oadd O (omul O (ev O a (pd j (Y i))) (ev O a (X j))) (oneg O (omul O (ev O a (pd j (X i))) (ev O a (Y j)))))
     (asum O (map (fun j => oadd O (omul O (ev O a (pd j (Y i))) (ev O a (X j))) (oneg O (omul O (ev O a (pd j (X i))) (ev O a (Y j))))) l))).
  rewrite IH. f_equal. f_equal; [apply (rk_mcomm O HO)|f_equal; apply (rk_mcomm O HO)].
Qed.

Theorem word_ev w : forall A (O : ops R A) th a, ring_ok O -> at_point O th a -> forall i, (i <= M)%positive ->
  getA O (wordvec M p w O th) i = ev O a (wpe w i).
Proof.
  induction w as [|F w IH]; intros A O th a HO Ht i Hi; [unfold getA; cbn [wordvec wpe ev]; rewrite PM.gempty; symmetry; apply (rk_c0 O HO)|].
  destruct w as [|G w]; [now apply grad_ev|].
  set (x := getA O (gradvec O p F th)).
  assert (Ey : forall i, (i <= M)%positive -> getA (dual O) (wordvec M p (G :: w) (dual O) (zip O M (getA O th) x)) i =
     (ev O a (wpe (G :: w) i), asum O (map (fun j => omul O (ev O a (pd j (wpe (G :: w) i))) (x j)) (plist M)))).
  { intros k Hk. rewrite (IH (A * A)%type (dual O) _ _ (dual_ok O HO) (at_point_zip O th a x Ht) k Hk).
    rewrite (ev_dual O HO M a (fun k => if Pos.leb k M then x k else oz O)).
    - f_equal. apply asum_ext. intros j Hj. apply plist_in, Pos.leb_le in Hj. now rewrite Hj.
    - intros j Hj. destruct (Pos.leb_spec j M); [lia|easy]. }
  change (wordvec M p (F :: G :: w) O th) with
    (let y := wordvec M p (G :: w) (dual O) (zip O M (getA O th) x) in
     let b := gradvec (dual O) p F (zip O M (getA O th) (fun i => fst (getA (dual O) y i))) in
     vbuild M (fun i => oadd O (snd (getA (dual O) y i)) (oneg O (snd (getA (dual O) b i))))).
  cbv zeta. unfold getA at 1. rewrite vbuild_find. rewrite (proj2 (Pos.leb_le i M) Hi).
  rewrite Ey by auto. set (y := fun i => fst (getA (dual O) (wordvec M p (G :: w) (dual O) (zip O M (getA O th) x)) i)).
  rewrite (grad_ev (dual O) _ _ F i (dual_ok O HO) (at_point_zip O th a y Ht)).
  rewrite (ev_dual O HO M a (fun k => if Pos.leb k M then y k else oz O)) by (intros j Hj; destruct (Pos.leb_spec j M); [lia|easy]).
  change (wpe (F :: G :: w) i) with (bpe (gpe F) (wpe (G :: w)) i). rewrite ev_bracket by auto. cbn [snd]. f_equal; [|f_equal]; apply asum_ext.
  - intros j Hj. unfold x. f_equal. now apply grad_ev.
  - intros j Hj. apply plist_in in Hj. rewrite (proj2 (Pos.leb_le j M) Hj). f_equal. unfold y. rewrite Ey by auto. reflexivity.
Qed.
End WordPoly.

(** ** Real expressions are smooth fields *)
Lemma opsR_ok : ring_ok opsR.
Proof. split; cbn; intros; ring. Qed.
Definition rev (u : vec) (q : pe) : R := ev opsR u q.
Definition pfield (X : positive -> pe) : field := fun u i => rev u (X i).

Lemma chain_pe (c : R -> vec) (v : vec) t q : (forall i, is_derive (fun r => c r i) t (v i)) ->
  is_derive (fun r => rev (c r) q) t (snd (ev (dual opsR) (fun k => (c t k, v k)) q)).
Proof.
  intros Hc.
  assert (F : forall r, fst (ev (dual opsR) (fun k => (c t k, v k)) r) = rev (c t) r).
  { unfold rev. induction r as [z|i|a IHa b IHb|a IHa b IHb|a IHa|f n a IHa]; cbn [ev]; try reflexivity; cbn; rewrite ?IHa, ?IHb; reflexivity. }
  unfold rev in *. induction q; cbn [ev].
  - apply @is_derive_const.
  - apply Hc.
  - cbn. apply @is_derive_plus; assumption.
  - cbn. rewrite !F. replace (ev opsR (c t) q1 * snd (ev (dual opsR) (fun k => (c t k, v k)) q2) + snd (ev (dual opsR) (fun k => (c t k, v k)) q1) * ev
    opsR (c t) q2)
      with (snd (ev (dual opsR) (fun k => (c t k, v k)) q1) * ev opsR (c t) q2 + ev opsR (c t) q1 * snd (ev (dual opsR) (fun k => (c t k, v k)) q2)) by ring.
    apply (is_derive_mult (fun r => ev opsR (c r) q1) (fun r => ev opsR (c r) q2)); auto. intros; apply Rmult_comm.
  - cbn. apply (is_derive_opp (fun r => ev opsR (c r) q)). assumption.
  - cbn. rewrite !F. apply (is_derive_comp (jetR f n) (fun r => ev opsR (c r) q)); [apply jet_derive|assumption].
Qed.
Lemma rev_ext u v q : (forall i, u i = v i) -> rev u q = rev v q.
Proof. apply ev_ext. Qed.
Lemma is_derive_line M u (v : vec) q : (forall k, (M < k)%positive -> v k = 0) ->
  is_derive (fun t => rev (fun k => u k + t * v k) q) 0 (lsum (map (fun j => rev u (pd j q) * v j) (plist M))).
Proof.
  intros Hv. assert (D := chain_pe (fun t k => u k + t * v k) v 0 q).
  match type of D with _ -> is_derive _ _ ?l => match goal with |- is_derive _ _ ?l' => replace l' with l; [apply D|] end end.
  - intros i. auto_derive; [easy|ring].
  - rewrite (ev_dual opsR opsR_ok M) by exact Hv. cbn [snd]. apply lsum_eq. intros j _. cbn. f_equal. apply ev_ext. intros; ring.
Qed.
Lemma is_derive_pd u j q : is_derive (fun t => rev (upd u j t) q) (u j) (rev u (pd j q)).
Proof.
  assert (D := chain_pe (fun t => upd u j t) (ebasis j) (u j) q (fun i => is_derive_upd u j i (u j))).
  match type of D with is_derive _ _ ?l => replace (rev u (pd j q)) with l; [exact D|] end.
  rewrite (ev_ext _ _ (fun k => (u k, ebasis j k))) by (intros; now rewrite upd_same).
  rewrite (ev_dual opsR opsR_ok j) by (intros k Hk; unfold ebasis; destruct (Pos.eqb_spec k j); [lia|easy]). cbn [snd].
  transitivity (lsum (map (fun k => rev u (pd k q) * ebasis k j) (plist j))).
  - apply lsum_eq. intros k _. cbn. f_equal. unfold ebasis. now rewrite Pos.eqb_sym.
  - apply (sum_basis (fun k => rev u (pd k q))); [apply plist_nodup|apply plist_in; lia].
Qed.
Lemma partial_pd u j q : partial (fun t => rev t q) j u = rev u (pd j q).
Proof. apply is_derive_unique, is_derive_pd. Qed.
Lemma pfield_smooth m X : smooth1 m (pfield X).
Proof.
  intros u i _. split; [intros j _; eexists; apply is_derive_pd|]. intros v Hv. unfold pfield.
  rewrite (lsum_eq _ (fun j => rev u (pd j (X i)) * v j)) by (intros; rewrite partial_pd; ring). now apply is_derive_line.
Qed.
Lemma pfield_bracket m X Y u i : bracket m (pfield X) (pfield Y) u i = pfield (bpe (m_nparams m) X Y) u i.
Proof.
  unfold bracket, bpe. generalize (plist (m_nparams m)). intros l.
  induction l as [|j l IH]; [reflexivity|]. unfold lsum in *; cbn [map fold_right]. rewrite IH. unfold pfield.
  rewrite !partial_pd. unfold rev. cbn. fold (epsum (map (fun j0 => PA (PP (X j0) (pd j0 (Y i))) (PN (PP (Y j0) (pd j0 (X i))))) l)). ring.
Qed.

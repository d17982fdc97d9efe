(** * Bracket words, evaluated by nested dual numbers over any number system

    One evaluator, written for any number system [ops C A] (constants C, numbers A), runs a program forward and backward and forms
    right-normed words [X_1,[X_2,…]], [X,Y] = DY.X − DX.Y, by a + b·e with e² = 0. Fields are X = grad_theta (sum_o c_o F_o)(x).
    Proved here:
    - [wordvec_rel]: two evaluations whose number systems are related give related results (used for reduction modulo m);
    - [word_ev]: in every commutative ring, at every point, the evaluator gives the values of polynomial fields [wpe w];
    - [pfield_smooth], [pfield_bracket]: polynomial fields are smooth, and their formal bracket is the bracket with Coquelicot's derivatives. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr Slp Checks Flow Lie Jets.
Import ListNotations.
Local Open Scope R_scope.

(** ** Programs whose activations are polynomials, or functions with known derivatives, over constants C *)
Inductive gnode (C : Type) :=
| GC (c : C)
| GT (i : positive)
| GX (j : positive)
| GS (l : list positive)
| GM (a b : positive)
| GP (cs ds : list C) (a : positive)       (* polynomial, coefficients from the constant on, and its derivative *)
| GF (f : fn) (a : positive).
Arguments GC {C}. Arguments GT {C}. Arguments GX {C}. Arguments GS {C}. Arguments GM {C}. Arguments GP {C}. Arguments GF {C}.

(** [ofun f js n a]: the n-th derivative of f at a; [js] lists the derivatives at the constant part of a, where a number system needs them *)
Record ops (C A : Type) := { oz : A; oadd : A -> A -> A; omul : A -> A -> A; oneg : A -> A; ocst : C -> A; ofun : fn -> (nat -> C) -> nat -> A -> A }.
Arguments oz {C A}. Arguments oadd {C A}. Arguments omul {C A}. Arguments oneg {C A}. Arguments ocst {C A}. Arguments ofun {C A}.
Definition dual {C A} (O : ops C A) : ops C (A * A) := {|
  oz := (oz O, oz O);
  oadd := fun x y => (oadd O (fst x) (fst y), oadd O (snd x) (snd y));
  omul := fun x y => (omul O (fst x) (fst y), oadd O (omul O (fst x) (snd y)) (omul O (snd x) (fst y)));
  oneg := fun x => (oneg O (fst x), oneg O (snd x));
  ocst := fun c => (ocst O c, oz O);
  ofun := fun f js n x => (ofun O f js n (fst x), omul O (snd x) (ofun O f js (S n) (fst x))) |}.

(** the field of a covector on the outputs and an input; for every node that applies a function, the derivatives at its argument *)
Record gfield (C : Type) := { gf_cov : list (positive * C); gf_x : PM.t C; gf_j : positive -> nat -> C }.
Arguments gf_cov {C}. Arguments gf_x {C}. Arguments gf_j {C}.

Section Eval.
Context {C A : Type} (O : ops C A).
Definition getA (m : PM.t A) (n : positive) : A := match PM.find n m with Some a => a | None => oz O end.
Definition getC (m : PM.t C) (n : positive) : A := match PM.find n m with Some c => ocst O c | None => oz O end.
Definition horner (cs : list C) (t : A) : A := fold_right (fun c acc => oadd O (ocst O c) (omul O t acc)) (oz O) cs.
Definition gval (th : PM.t A) (x : PM.t C) (js : nat -> C) (V : PM.t A) (n : gnode C) : A :=
  match n with
  | GC c => ocst O c
  | GT i => getA th i
  | GX j => getC x j
  | GS l => fold_right (fun a e => oadd O (getA V a) e) (oz O) l
  | GM a b => omul O (getA V a) (getA V b)
  | GP cs _ a => horner cs (getA V a)
  | GF f a => ofun O f js 0 (getA V a)
  end.
Fixpoint fwd (th : PM.t A) (x : PM.t C) (js : positive -> nat -> C) (next : positive) (p : list (gnode C)) (V : PM.t A) : PM.t A :=
  match p with [] => V | n :: p' => fwd th x js (Pos.succ next) p' (PM.add next (gval th x (js next) V n) V) end.
Definition addto (a : positive) (v : A) (m : PM.t A) : PM.t A :=
  PM.add a (match PM.find a m with Some w => oadd O w v | None => v end) m.
(** the adjoint a of one node is handed to its arguments, or to the parameter *)
Definition gback (js : nat -> C) (V : PM.t A) (n : gnode C) (a : A) (st : PM.t A * PM.t A) : PM.t A * PM.t A :=
  match n with
  | GT i => (fst st, addto i a (snd st))
  | GS l => (fold_left (fun m b => addto b a m) l (fst st), snd st)
  | GM b c => (addto c (omul O a (getA V b)) (addto b (omul O a (getA V c)) (fst st)), snd st)
  | GP _ ds b => (addto b (omul O a (horner ds (getA V b))) (fst st), snd st)
  | GF f b => (addto b (omul O a (ofun O f js 1 (getA V b))) (fst st), snd st)
  | _ => st
  end.
Fixpoint bwd (js : positive -> nat -> C) (V : PM.t A) (next : positive) (p : list (gnode C)) (st : PM.t A * PM.t A) : PM.t A * PM.t A :=
  match p with
  | [] => st
  | n :: p' => let st' := bwd js V (Pos.succ next) p' st in
               match PM.find next (fst st') with Some a => gback (js next) V n a st' | None => st' end
  end.
Definition seed (cov : list (positive * C)) : PM.t A := fold_left (fun m oc => addto (fst oc) (ocst O (snd oc)) m) cov (PM.empty A).
(** the gradient of sum_o c_o F_o, by parameter *)
Definition gradvec (p : list (gnode C)) (F : gfield C) (th : PM.t A) : PM.t A :=
  snd (bwd (gf_j F) (fwd th (gf_x F) (gf_j F) 1 p (PM.empty A)) 1 p (seed (gf_cov F), PM.empty A)).
End Eval.

Definition vbuild {A} (M : positive) (f : positive -> A) : PM.t A := fold_left (fun m i => PM.add i (f i) m) (plist M) (PM.empty A).
Definition zip {C A} (O : ops C A) (M : positive) (a b : positive -> A) : PM.t (A * A) := vbuild M (fun i => (a i, b i)).

Section WordDef.
Context {C : Type} (M : positive) (p : list (gnode C)).
(** [X, Y] = DY.X − DX.Y; DY.X is the coefficient of e in Y(theta + e X(theta)) *)
Fixpoint wordvec (w : list (gfield C)) : forall {A}, ops C A -> PM.t A -> PM.t A :=
  match w with
  | [] => fun A O th => PM.empty A
  | F :: w' =>
    match w' with
    | [] => fun A O th => gradvec O p F th
    | _ => fun A O th =>
      let x := gradvec O p F th in
      let y := wordvec w' (dual O) (zip O M (getA O th) (getA O x)) in
      let b := gradvec (dual O) p F (zip O M (getA O th) (fun i => fst (getA (dual O) y i))) in
      vbuild M (fun i => oadd O (snd (getA (dual O) y i)) (oneg O (snd (getA (dual O) b i))))
    end
  end.
End WordDef.

Lemma vbuild_find {A} M (f : positive -> A) k : PM.find k (vbuild M f) = if Pos.leb k M then Some (f k) else None.
Proof.
  unfold vbuild. assert (G : forall l m, PM.find k (fold_left (fun m i => PM.add i (f i) m) l m) =
    if existsb (Pos.eqb k) l then Some (f k) else PM.find k m).
  { induction l as [|i l IH]; intros m; cbn [fold_left existsb]; [easy|]. rewrite IH.
    destruct (Pos.eqb_spec k i) as [->|N]; cbn [orb].
    - rewrite PM.gss. now destruct (existsb (Pos.eqb i) l).
    - destruct (existsb (Pos.eqb k) l); [easy|]. now rewrite PM.gso. }
  rewrite G, PM.gempty. destruct (Pos.leb_spec k M) as [L|L].
  - assert (E : existsb (Pos.eqb k) (plist M) = true) by (apply existsb_exists; exists k; split; [now apply plist_in|apply Pos.eqb_refl]).
    now rewrite E.
  - destruct (existsb (Pos.eqb k) (plist M)) eqn:E; [|easy].
    apply existsb_exists in E as (j & Hj & ->%Pos.eqb_eq). apply plist_in in Hj. lia.
Qed.

(** ** Related number systems give related results *)
(** [J f js js' a]: the derivatives of f listed by js and js' are those at the constant part of a *)
Record orel {CA CB A B : Type} (RC : CA -> CB -> Prop) (J : fn -> (nat -> CA) -> (nat -> CB) -> A -> Prop) (R : A -> B -> Prop)
    (OA : ops CA A) (OB : ops CB B) : Prop := {
  rel_z : R (oz OA) (oz OB);
  rel_add : forall a a' b b', R a b -> R a' b' -> R (oadd OA a a') (oadd OB b b');
  rel_mul : forall a a' b b', R a b -> R a' b' -> R (omul OA a a') (omul OB b b');
  rel_neg : forall a b, R a b -> R (oneg OA a) (oneg OB b);
  rel_cst : forall a b, RC a b -> R (ocst OA a) (ocst OB b);
  rel_fun : forall f js js' n a b, J f js js' a -> R a b -> R (ofun OA f js n a) (ofun OB f js' n b) }.
Arguments rel_z {CA CB A B RC J R OA OB}. Arguments rel_add {CA CB A B RC J R OA OB}. Arguments rel_mul {CA CB A B RC J R OA OB}.
Arguments rel_neg {CA CB A B RC J R OA OB}. Arguments rel_cst {CA CB A B RC J R OA OB}. Arguments rel_fun {CA CB A B RC J R OA OB}.
Definition drel {A B} (R : A -> B -> Prop) (x : A * A) (y : B * B) : Prop := R (fst x) (fst y) /\ R (snd x) (snd y).
Lemma dual_rel {CA CB A B} (RC : CA -> CB -> Prop) J (R : A -> B -> Prop) OA OB : orel RC J R OA OB ->
  orel RC (fun f js js' a => J f js js' (fst a)) (drel R) (dual OA) (dual OB).
Proof.
  intros H. split; unfold drel; cbn; intros; intuition; repeat apply H; auto.
Qed.

(** maps with the same keys and related entries *)
Definition mrel {A B} (R : A -> B -> Prop) (m : PM.t A) (m' : PM.t B) : Prop :=
  forall k, match PM.find k m, PM.find k m' with Some a, Some b => R a b | None, None => True | _, _ => False end.
Definition nrel {CA CB} (RC : CA -> CB -> Prop) (n : gnode CA) (n' : gnode CB) : Prop :=
  match n, n' with
  | GC a, GC b => RC a b
  | GT i, GT j | GX i, GX j => i = j
  | GS l, GS l' => l = l'
  | GM a b, GM a' b' => a = a' /\ b = b'
  | GP cs ds a, GP cs' ds' a' => Forall2 RC cs cs' /\ Forall2 RC ds ds' /\ a = a'
  | GF f a, GF f' a' => f = f' /\ a = a'
  | _, _ => False
  end.
Definition frel {CA CB} (RC : CA -> CB -> Prop) (F : gfield CA) (G : gfield CB) : Prop :=
  Forall2 (fun a b => fst a = fst b /\ RC (snd a) (snd b)) (gf_cov F) (gf_cov G) /\ mrel RC (gf_x F) (gf_x G).

(** what holds at every node that applies a function *)
Fixpoint at_functions {C} (Q : positive -> fn -> positive -> Prop) (next : positive) (p : list (gnode C)) : Prop :=
  match p with
  | [] => True
  | n :: p' => match n with GF f a => Q next f a | _ => True end /\ at_functions Q (Pos.succ next) p'
  end.
Lemma at_functions_imp {C} (Q Q' : positive -> fn -> positive -> Prop) (p : list (gnode C)) :
  (forall k f a, Q k f a -> Q' k f a) -> forall next, at_functions Q next p -> at_functions Q' next p.
Proof.
  intros H. induction p as [|n p IH]; intros next; cbn [at_functions]; [easy|]. intros [A B]. split; [|now apply IH]. destruct n; auto.
Qed.
Section Param.
Context {CA CB A B : Type} (RC : CA -> CB -> Prop) (J : fn -> (nat -> CA) -> (nat -> CB) -> A -> Prop) (R : A -> B -> Prop).
Context (OA : ops CA A) (OB : ops CB B).
Hypothesis H : orel RC J R OA OB.
Definition wrel (m : PM.t A) (m' : PM.t B) : Prop := forall k, R (getA OA m k) (getA OB m' k).
Lemma mrel_wrel m m' : mrel R m m' -> wrel m m'.
Proof. intros K k. specialize (K k). unfold getA. destruct (PM.find k m), (PM.find k m'); try easy. apply H. Qed.
Lemma mrel_empty : mrel R (PM.empty A) (PM.empty B).
Proof. intros k. now rewrite !PM.gempty. Qed.
Lemma mrel_add k a b m m' : R a b -> mrel R m m' -> mrel R (PM.add k a m) (PM.add k b m').
Proof.
  intros Ha Hm j. destruct (Pos.eq_dec j k) as [->|N]; [now rewrite !PM.gss|]. rewrite !PM.gso by auto. apply Hm.
Qed.
Lemma wrel_add k a b m m' : R a b -> wrel m m' -> wrel (PM.add k a m) (PM.add k b m').
Proof.
  intros Ha Hm j. unfold getA. destruct (Pos.eq_dec j k) as [->|N]; [now rewrite !PM.gss|]. rewrite !PM.gso by auto. apply Hm.
Qed.
Lemma addto_rel k a b m m' : R a b -> mrel R m m' -> mrel R (addto OA k a m) (addto OB k b m').
Proof.
  intros Ha Hm. apply mrel_add; auto. specialize (Hm k). destruct (PM.find k m), (PM.find k m'); try easy. now apply H.
Qed.
Lemma horner_rel cs cs' t t' : Forall2 RC cs cs' -> R t t' -> R (horner OA cs t) (horner OB cs' t').
Proof.
  intros F Ht. induction F; cbn; [apply H|]. apply (rel_add H); [now apply (rel_cst H)|now apply (rel_mul H)].
Qed.
Lemma getC_rel x x' j : mrel RC x x' -> R (getC OA x j) (getC OB x' j).
Proof. intros K. specialize (K j). unfold getC. destruct (PM.find j x), (PM.find j x'); try easy; apply H; auto. Qed.
Lemma gval_rel th th' x x' js js' V V' n n' : wrel th th' -> mrel RC x x' -> wrel V V' -> nrel RC n n' ->
  match n with GF f a => J f js js' (getA OA V a) | _ => True end -> R (gval OA th x js V n) (gval OB th' x' js' V' n').
Proof.
  intros Ht Hx HV Hn HJ. destruct n, n'; cbn in *; try easy; subst; auto.
  - now apply H.
  - now apply getC_rel.
  - clear HJ. induction l0; cbn; [apply H|]. apply H; auto.
  - destruct Hn as [-> ->]. now apply H.
  - destruct Hn as (H1 & H2 & ->). apply horner_rel; auto.
  - destruct Hn as [-> ->]. now apply (rel_fun H).
Qed.
(** the derivatives listed fit the values that the forward pass meets *)
Fixpoint fwd_fits (th : PM.t A) (x : PM.t CA) (js : positive -> nat -> CA) (js' : positive -> nat -> CB) (next : positive) (p : list (gnode CA))
    (V : PM.t A) : Prop :=
  match p with
  | [] => True
  | n :: p' => match n with GF f a => J f (js next) (js' next) (getA OA V a) | _ => True end /\
      fwd_fits th x js js' (Pos.succ next) p' (PM.add next (gval OA th x (js next) V n) V)
  end.
Lemma fwd_rel th th' x x' js js' p p' : wrel th th' -> mrel RC x x' -> Forall2 (nrel RC) p p' ->
  forall next V V', wrel V V' -> fwd_fits th x js js' next p V -> wrel (fwd OA th x js next p V) (fwd OB th' x' js' next p' V').
Proof.
  intros Ht Hx F. induction F; intros next V V' HV; cbn [fwd fwd_fits]; [easy|]. intros [HJ HF]. apply IHF; [|exact HF].
  apply wrel_add; auto. now apply gval_rel.
Qed.
Lemma fwd_old th x js p : forall next V a, (a < next)%positive -> getA OA (fwd OA th x js next p V) a = getA OA V a.
Proof.
  induction p as [|n p IH]; intros next V a Ha; cbn [fwd]; [reflexivity|]. rewrite IH by lia. unfold getA. rewrite PM.gso by lia. reflexivity.
Qed.
Lemma fwd_fits_full th x js js' p : forall next V,
  at_functions (fun k f a => (a < k)%positive /\ J f (js k) (js' k) (getA OA (fwd OA th x js next p V) a)) next p -> fwd_fits th x js js' next p V.
Proof.
  induction p as [|n p IH]; intros next V; cbn [at_functions fwd fwd_fits]; [easy|]. intros [HJ HF]. split; [|now apply IH].
  destruct n; auto. destruct HJ as [L HJ]. rewrite fwd_old in HJ by lia. unfold getA in HJ. rewrite PM.gso in HJ by lia. exact HJ.
Qed.
Definition srel (s : PM.t A * PM.t A) (s' : PM.t B * PM.t B) := mrel R (fst s) (fst s') /\ mrel R (snd s) (snd s').
Lemma gback_rel js js' V V' n n' a a' s s' : wrel V V' -> nrel RC n n' -> match n with GF f b => J f js js' (getA OA V b) | _ => True end ->
  R a a' -> srel s s' -> srel (gback OA js V n a s) (gback OB js' V' n' a' s').
Proof.
  intros HV Hn HJ Ha [S1 S2]. destruct n, n'; cbn in *; try easy; subst; try (split; assumption).
  - split; cbn; [easy|]. now apply addto_rel.
  - split; cbn; [|easy]. generalize dependent (fst s'). generalize dependent (fst s).
    induction l0 as [|b l IH]; cbn; intros m m' Hm; [easy|]. apply IH. now apply addto_rel.
  - destruct Hn as [-> ->]. split; cbn; [|easy]. repeat apply addto_rel; auto; now apply H.
  - destruct Hn as (H1 & H2 & ->). split; cbn; [|easy]. apply addto_rel; auto. apply H; auto. apply horner_rel; auto.
  - destruct Hn as [-> ->]. split; cbn; [|easy]. apply addto_rel; auto. apply H; auto. now apply (rel_fun H).
Qed.
Lemma bwd_rel js js' V V' p p' : wrel V V' -> Forall2 (nrel RC) p p' ->
  forall next s s', at_functions (fun k f a => J f (js k) (js' k) (getA OA V a)) next p -> srel s s' -> srel (bwd OA js V next p s) (bwd OB js' V' next p' s').
Proof.
  intros HV F. induction F; intros next s s' HJ Hs; cbn [bwd]; [easy|]. destruct HJ as [HJ HF].
  assert (K := IHF (Pos.succ next) s s' HF Hs). cbv zeta. assert (L := proj1 K next).
  destruct (PM.find next (fst (bwd OA js V (Pos.succ next) l s))), (PM.find next (fst (bwd OB js' V' (Pos.succ next) l' s'))); try easy.
  now apply gback_rel.
Qed.
Definition fits (p : list (gnode CA)) (F : gfield CA) (F' : gfield CB) (th : PM.t A) : Prop :=
  fwd_fits th (gf_x F) (gf_j F) (gf_j F') 1 p (PM.empty A) /\
  at_functions (fun k f a => J f (gf_j F k) (gf_j F' k) (getA OA (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)) a)) 1 p.
Lemma fits_all p F F' th : (forall f js js' a, J f js js' a) -> fits p F F' th.
Proof.
  intros HJ. unfold fits. split.
  - generalize 1%positive (PM.empty A). induction p as [|n p IH]; intros k V; cbn [fwd_fits]; [easy|]. split; [destruct n; auto|apply IH].
  - generalize (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)). intros V. generalize 1%positive. induction p as [|n p IH]; intros k; cbn [at_functions]; [easy|].
    split; [destruct n; auto|apply IH].
Qed.
Lemma fits_full p F F' th :
  at_functions (fun k f a => (a < k)%positive /\ J f (gf_j F k) (gf_j F' k) (getA OA (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)) a)) 1 p -> fits p F F' th.
Proof. intros HJ. split; [now apply fwd_fits_full|]. apply (at_functions_imp _ _ p) with (2 := HJ). tauto. Qed.
Lemma gradvec_rel p p' F F' th th' : Forall2 (nrel RC) p p' -> frel RC F F' -> wrel th th' -> fits p F F' th ->
  mrel R (gradvec OA p F th) (gradvec OB p' F' th').
Proof.
  intros Hp [Hc Hx] Ht [J1 J2]. unfold gradvec. apply bwd_rel; auto.
  - apply fwd_rel; auto. apply mrel_wrel, mrel_empty.
  - split; cbn; [|apply mrel_empty]. unfold seed. assert (E := mrel_empty). revert E. generalize (PM.empty A) (PM.empty B).
    induction Hc as [|[o c] [o' c'] l l' [Ho Hc'] _ IH]; intros m m' Hm; cbn; [easy|]. apply IH. cbn in *. subst. apply addto_rel; auto. now apply H.
Qed.
Lemma vbuild_rel M f g : (forall i, R (f i) (g i)) -> mrel R (vbuild M f) (vbuild M g).
Proof. intros E k. rewrite !vbuild_find. destruct (Pos.leb k M); auto. Qed.
End Param.

(** ** Number systems over R: every number has a constant part *)
Definition opsR : ops R R := {| oz := 0; oadd := Rplus; omul := Rmult; oneg := Ropp; ocst := fun c => c; ofun := fun f _ n t => jetR f n t |}.
Definition constant_part {A} (O : ops R A) (bs : A -> R) : Prop := orel eq (fun _ _ _ _ => True) (fun a r => bs a = r) O opsR.
Lemma constant_R : constant_part opsR (fun a => a).
Proof. split; cbn; intros; congruence. Qed.
Lemma constant_dual {A} (O : ops R A) bs : constant_part O bs -> constant_part (dual O) (fun a => bs (fst a)).
Proof.
  intros H. split; cbn; intros.
  - apply (rel_z H).
  - now apply (rel_add H).
  - now apply (rel_mul H).
  - now apply (rel_neg H).
  - now apply (rel_cst H).
  - now apply (rel_fun H _ _ (fun _ => 0)).
Qed.
(** the numbers listed are the derivatives of f at r *)
Definition jets_at {CB} (RC : R -> CB -> Prop) (f : fn) (r : R) (js' : nat -> CB) : Prop := forall n, RC (jetR f n r) (js' n).
Definition jets_of {A CB} (RC : R -> CB -> Prop) (bs : A -> R) (f : fn) (_ : nat -> R) (js' : nat -> CB) (a : A) : Prop := jets_at RC f (bs a) js'.
(** they are so at every node that applies a function, at the point *)
Definition jets_ok {CB} (RC : R -> CB -> Prop) (p : list (gnode R)) (thR : PM.t R) (F : gfield R) (F' : gfield CB) : Prop :=
  at_functions (fun k f a => (a < k)%positive /\ jets_at RC f (getA opsR (fwd opsR thR (gf_x F) (gf_j F) 1 p (PM.empty R)) a) (gf_j F' k)) 1 p.
Lemma nrel_refl {C} (n : gnode C) : nrel eq n n.
Proof. assert (E : forall l : list C, Forall2 eq l l) by (induction l; auto). destruct n; cbn; auto. Qed.
Lemma prel_refl {C} (l : list (gnode C)) : Forall2 (nrel eq) l l.
Proof. induction l; auto using nrel_refl. Qed.
Lemma xrel_refl {C} (x : PM.t C) : mrel eq x x.
Proof. intros k. now destruct (PM.find k x). Qed.
Lemma frel_refl {C} (F : gfield C) : frel eq F F.
Proof. split; [induction (gf_cov F); auto|apply xrel_refl]. Qed.
Lemma jets_fits {A CB} (RC : R -> CB -> Prop) (O : ops R A) bs p F F' th thR : constant_part O bs -> (forall k, bs (getA O th k) = getA opsR thR k) ->
  jets_ok RC p thR F F' -> fits (jets_of RC bs) O p F F' th.
Proof.
  intros H Ht HJ. apply fits_full. apply (at_functions_imp _ _ p) with (2 := HJ). intros k f a [L Hj]. split; [exact L|]. unfold jets_of.
  assert (X := fwd_rel eq _ _ _ _ H th thR (gf_x F) (gf_x F) (gf_j F) (gf_j F) p p Ht (xrel_refl _) (prel_refl p) 1 (PM.empty A) (PM.empty R)).
  rewrite X; [exact Hj| |].
  - apply (mrel_wrel eq _ _ _ _ H), mrel_empty.
  - apply (fits_all (fun _ _ _ _ => True) O p F F th). auto.
Qed.

Theorem wordvec_rel {CB} (RC : R -> CB -> Prop) M p p' w w' thR : (forall k, (M < k)%positive -> getA opsR thR k = 0) ->
  Forall2 (nrel RC) p p' -> Forall2 (fun F F' => frel RC F F' /\ jets_ok RC p thR F F') w w' ->
  forall A B (R : A -> B -> Prop) OA OB bs, constant_part OA bs -> orel RC (jets_of RC bs) R OA OB ->
  forall th th', wrel R OA OB th th' -> (forall k, bs (getA OA th k) = getA opsR thR k) ->
  mrel R (wordvec M p w OA th) (wordvec M p' w' OB th').
Proof.
  intros HM Hp Hw. induction Hw as [|F F' w w' [HF JF] Hw IH]; intros A B R OA OB bs HB H th th' Ht Hb; [apply mrel_empty|].
  assert (FF := jets_fits RC OA bs p F F' th thR HB Hb JF).
  destruct Hw as [|G G' w w' HG Hw]; [cbn; now apply (gradvec_rel RC _ _ _ _ H)|].
  assert (Hx : wrel R OA OB (gradvec OA p F th) (gradvec OB p' F' th')) by (apply (mrel_wrel RC _ R OA OB H); now apply (gradvec_rel RC _ _ _ _ H)).
  assert (HD := dual_rel RC _ R OA OB H). assert (HBD := constant_dual OA bs HB).
  assert (Hzb : forall x k, bs (fst (getA (dual OA) (zip OA M (getA OA th) x) k)) = getA opsR thR k).
  { intros x k. unfold getA at 1, zip. rewrite vbuild_find. destruct (Pos.leb_spec k M); [apply Hb|]. cbn [dual oz fst]. rewrite (rel_z HB). symmetry. now apply HM. }
  assert (Hy := IH (A * A)%type (B * B)%type (drel R) (dual OA) (dual OB) _ HBD HD (zip OA M (getA OA th) (getA OA (gradvec OA p F th)))
     (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th')))).
  assert (Hz : wrel (drel R) (dual OA) (dual OB) (zip OA M (getA OA th) (getA OA (gradvec OA p F th)))
     (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th')))).
  { apply (mrel_wrel RC _ (drel R) _ _ HD). apply vbuild_rel. intros i. split; cbn; auto. }
  specialize (Hy Hz (Hzb _)). assert (Hyw := mrel_wrel RC _ _ _ _ HD _ _ Hy). clear Hy Hz IH.
  change (wordvec M p (F :: G :: w) OA th) with
    (let y := wordvec M p (G :: w) (dual OA) (zip OA M (getA OA th) (getA OA (gradvec OA p F th))) in
     let b := gradvec (dual OA) p F (zip OA M (getA OA th) (fun i => fst (getA (dual OA) y i))) in
     vbuild M (fun i => oadd OA (snd (getA (dual OA) y i)) (oneg OA (snd (getA (dual OA) b i))))).
  change (wordvec M p' (F' :: G' :: w') OB th') with
    (let y := wordvec M p' (G' :: w') (dual OB) (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th'))) in
     let b := gradvec (dual OB) p' F' (zip OB M (getA OB th') (fun i => fst (getA (dual OB) y i))) in
     vbuild M (fun i => oadd OB (snd (getA (dual OB) y i)) (oneg OB (snd (getA (dual OB) b i))))).
  cbv zeta. apply vbuild_rel. intros i. apply (rel_add H); [apply Hyw|]. apply (rel_neg H).
  assert (Hbw : wrel (drel R) (dual OA) (dual OB)
     (gradvec (dual OA) p F (zip OA M (getA OA th) (fun i => fst (getA (dual OA) (wordvec M p (G :: w) (dual OA) (zip OA M (getA OA th) (getA OA (gradvec
       OA p F th)))) i))))
     (gradvec (dual OB) p' F' (zip OB M (getA OB th') (fun i => fst (getA (dual OB) (wordvec M p' (G' :: w') (dual OB) (zip OB M (getA OB th') (getA OB
       (gradvec OB p' F' th')))) i))))).
  { apply (mrel_wrel RC _ _ _ _ HD). apply (gradvec_rel RC _ _ _ _ HD); auto.
    - apply (mrel_wrel RC _ _ _ _ HD). apply vbuild_rel. intros j. split; cbn; [apply Ht|]. apply Hyw.
    - apply (jets_fits RC (dual OA) (fun a => bs (fst a)) p F F' _ thR HBD); [apply Hzb|exact JF]. }
  apply Hbw.
Qed.

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
